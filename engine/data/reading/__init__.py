"""Files of any kind become blocks of rows, and faults become rejections."""
