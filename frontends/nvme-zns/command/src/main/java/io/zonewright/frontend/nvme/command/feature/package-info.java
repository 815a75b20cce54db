/** Features of a controller. */
@NullMarked
package io.zonewright.frontend.nvme.command.feature;

import org.jspecify.annotations.NullMarked;
