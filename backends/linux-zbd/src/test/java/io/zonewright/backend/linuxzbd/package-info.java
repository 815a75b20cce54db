/** Tests. */
@NullMarked
package io.zonewright.backend.linuxzbd;

import org.jspecify.annotations.NullMarked;
