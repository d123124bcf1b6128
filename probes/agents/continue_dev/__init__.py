"""Continue: the command line `cn`, and the editors' extension."""
