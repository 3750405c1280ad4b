"""Export: workbook, report and tables of a folder's records."""
