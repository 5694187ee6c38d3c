@NullMarked
package dev.henge.node.storage;

import org.jspecify.annotations.NullMarked;
