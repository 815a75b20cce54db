@NullMarked
package io.zonewright.backend.linuxzbd.data;

import org.jspecify.annotations.NullMarked;
