/** The driver's half of virtqueues, from the virtio specification 1.3, section 2. */
@NullMarked
package io.zonewright.testkit.virtio;

import org.jspecify.annotations.NullMarked;
