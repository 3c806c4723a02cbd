"""What keeps a run on this machine: its addresses, the libraries' switches, closed sockets, file modes."""
