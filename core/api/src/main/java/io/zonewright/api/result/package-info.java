/**
 * What happened to a request, free of any protocol's numbers.
 */
@NullMarked
package io.zonewright.api.result;

import org.jspecify.annotations.NullMarked;
