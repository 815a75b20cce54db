/**
 * Keys a plugin understands, and the values a user gave them.
 */
@NullMarked
package io.zonewright.api.config;

import org.jspecify.annotations.NullMarked;
