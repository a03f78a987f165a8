"""The camera book (一机一档): many cameras with their devices in one sheet, in and out."""
