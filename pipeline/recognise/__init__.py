"""Lines of text from their images, by the networks that come with Tesseract."""
