"""Part G: what maps of noise can make."""
