/**
 * The measurement behind the choice of HTTP server: the same small service on each candidate, and the program that
 * compares them. Test scope, so that no candidate but the chosen one is ever shipped.
 */
@NullMarked
package dev.henge.bench.http;

import org.jspecify.annotations.NullMarked;
