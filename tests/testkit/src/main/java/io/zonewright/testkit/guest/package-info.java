/** The memory of a pretended virtual machine, as its driver sees it and as a device maps it. */
@NullMarked
package io.zonewright.testkit.guest;

import org.jspecify.annotations.NullMarked;
