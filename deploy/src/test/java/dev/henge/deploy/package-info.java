@NullMarked
package dev.henge.deploy;

import org.jspecify.annotations.NullMarked;
