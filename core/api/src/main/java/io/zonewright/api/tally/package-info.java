/** Counting on the data path, where several threads come by and none may slow the others down. */
@NullMarked
package io.zonewright.api.tally;

import org.jspecify.annotations.NullMarked;
