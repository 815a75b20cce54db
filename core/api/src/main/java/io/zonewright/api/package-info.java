/** The API. */
@org.jspecify.annotations.NullMarked
package io.zonewright.api;
