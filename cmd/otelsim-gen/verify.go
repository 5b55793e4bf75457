package main

import "context"

func (a *app) verify(ctx context.Context) error { return nil }
