@NullMarked
package dev.henge.router.cluster;

import org.jspecify.annotations.NullMarked;
