/**
 * What a zoned device looks like: model, geometry, limits, and the type, condition and write pointer of each zone. All positions and lengths are bytes.
 */
@NullMarked
package io.zonewright.api.zone;

import org.jspecify.annotations.NullMarked;
