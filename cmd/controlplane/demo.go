package main

import (
	"context"
)

func demo(ctx context.Context, p place) error { return nil }
func show(ctx context.Context, p place) error { return nil }
