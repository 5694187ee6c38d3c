/** Helpers for the gRPC streams between routers and nodes. */
@NullMarked
package dev.henge.wire;

import org.jspecify.annotations.NullMarked;
