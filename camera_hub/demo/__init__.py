"""Sample cameras for trying the hub out: footage, rendered scenes, and a real RTSP server that plays them."""
