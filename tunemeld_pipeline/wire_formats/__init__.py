"""What is read of each service's answers: per wire format one written list of needed, optional and ignored values."""
