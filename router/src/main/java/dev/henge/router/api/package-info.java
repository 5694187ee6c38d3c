@NullMarked
package dev.henge.router.api;

import org.jspecify.annotations.NullMarked;
