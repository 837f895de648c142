"""The actions: what `services` registers, by what each is about."""
