"""The portal's side: its services in processes of their own, told what to do line by line."""
