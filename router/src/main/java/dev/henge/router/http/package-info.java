@NullMarked
package dev.henge.router.http;

import org.jspecify.annotations.NullMarked;
