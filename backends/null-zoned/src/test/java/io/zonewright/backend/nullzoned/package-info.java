/** Tests of the null-zoned medium. */
@NullMarked
package io.zonewright.backend.nullzoned;

import org.jspecify.annotations.NullMarked;
