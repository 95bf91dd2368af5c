#include "CLinuxBus.h"
