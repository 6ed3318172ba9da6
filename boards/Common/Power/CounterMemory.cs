namespace TinyAI.Boards
{
    /// <summary>
    /// Keeps counters in two places in turn, so that there is a whole record at every moment, also when power goes in the
    /// middle of writing. The RTC memory of an ESP32 is not within reach of managed code, hence files.
    /// </summary>
    public class CounterMemory
    {
        private readonly ICounterStore _store;
        private readonly byte[] _data = new byte[DutyCounters.RecordBytes];
        private int _sequence;
        private int _nextPlace;

        /// <summary>Counters in a store.</summary>
        public CounterMemory(ICounterStore store)
        {
            _store = store;
        }

        /// <summary>Reads the newer of the whole records; false where there is none, which is a first start.</summary>
        public bool Load(DutyCounters counters)
        {
            int newest = -1;
            for (int place = 0; place < 2; place++)
            {
                if (!_store.Read(place, _data) || !DutyCounters.IsWhole(_data))
                    continue;
                int sequence = DutyCounters.Sequence(_data);
                // The difference, so that a sequence that wraps stays in order.
                if (newest >= 0 && sequence - _sequence < 0)
                    continue;
                newest = place;
                _sequence = sequence;
                counters.Read(_data);
            }
            _nextPlace = newest == 0 ? 1 : 0;
            return newest >= 0;
        }

        /// <summary>Writes the counters over the older record; false where the store did not take it.</summary>
        public bool Save(DutyCounters counters)
        {
            counters.Write(_data, _sequence + 1);
            if (!_store.Write(_nextPlace, _data))
                return false;
            _sequence++;
            _nextPlace = 1 - _nextPlace;
            return true;
        }
    }
}
