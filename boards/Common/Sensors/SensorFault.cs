namespace TinyAI.Boards
{
    /// <summary>What can be wrong with the sensor. All are negative, so that they share a number with a count of rows.</summary>
    public static class SensorFault
    {
        /// <summary>Nothing.</summary>
        public const int None = 0;
        /// <summary>No device answers at the sensor's address.</summary>
        public const int NotAcknowledged = -1;
        /// <summary>A line of the bus is held.</summary>
        public const int BusStuck = -2;
        /// <summary>Another device answers: who-am-I is none that is known.</summary>
        public const int UnknownDevice = -3;
        /// <summary>Rows came faster than they were read; some are lost.</summary>
        public const int Overrun = -4;
        /// <summary>The sensor has lost its settings, as after a dip of its supply.</summary>
        public const int Restarted = -5;

        /// <summary>A few words for a fault.</summary>
        public static string Name(int fault)
        {
            switch (fault)
            {
                case None:
                    return "none";
                case NotAcknowledged:
                    return "the sensor does not answer: check its wiring and address";
                case BusStuck:
                    return "the bus is held: check pull-ups and wiring";
                case UnknownDevice:
                    return "another device answers at the sensor's address";
                case Overrun:
                    return "rows came faster than they were read";
                case Restarted:
                    return "the sensor has lost its settings: check its supply";
                default:
                    return "fault " + fault;
            }
        }
    }
}
