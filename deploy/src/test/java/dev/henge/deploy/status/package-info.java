@NullMarked
package dev.henge.deploy.status;

import org.jspecify.annotations.NullMarked;
