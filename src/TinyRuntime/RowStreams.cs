namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// How far a session has come through the layers, where some of them run row by row: rows done of each member of the
    /// group under way, the first byte that each stream still holds, and the place at which a run waits for rows of
    /// input. Made once; nothing is allocated while running.
    /// </summary>
    internal class RowStreams
    {
        /// <summary>Rows that each member of the group has computed.</summary>
        internal readonly int[] Done;
        /// <summary>Byte of its tensor at which each stream's memory begins.</summary>
        internal readonly int[] First;
        /// <summary>Working memory: an entry of the group's tables.</summary>
        internal readonly int[] Entry = new int[PackFormat.MemberRunWords];
        /// <summary>Layer records that are done.</summary>
        internal int Layer;
        /// <summary>Byte of the pack at which the next record begins.</summary>
        internal int At;
        /// <summary>Next step of the group at <see cref="At"/>.</summary>
        internal int Step;
        /// <summary>Rows of input without which the run cannot go on.</summary>
        internal int Awaited;

        private readonly int _firstRecord;

        private RowStreams(int members, int streams, int firstRecord)
        {
            Done = new int[members];
            First = new int[streams];
            _firstRecord = firstRecord;
        }

        /// <summary>Room for the largest group of a model, or null where it has none.</summary>
        internal static RowStreams Create(Model model)
        {
            int members = 0, streams = 0;
            int at = model.Word(PackFormat.LayersAt), count = model.Word(PackFormat.LayerCountAt);
            for (int i = 0; i < count; i++)
            {
                if (model.Word(at) == PackFormat.KindRowGroup)
                {
                    int p = at + 4 * PackFormat.LayerHeaderWords;
                    int m = model.Word(p + 4 * PackFormat.GroupMembers), s = model.Word(p + 4 * PackFormat.GroupStreams);
                    members = m > members ? m : members;
                    streams = s > streams ? s : streams;
                }
                at += PackCheck.RecordBytes(model.Word(at + 4 * PackFormat.LayerParameterWords));
            }
            return members == 0 ? null : new RowStreams(members, streams, model.Word(PackFormat.LayersAt));
        }

        /// <summary>Goes to the first layer.</summary>
        internal void Begin()
        {
            Layer = 0;
            At = _firstRecord;
            BeginGroup();
        }

        /// <summary>Forgets the rows of the last group.</summary>
        internal void BeginGroup()
        {
            Step = 0;
            Awaited = 0;
            for (int i = 0; i < Done.Length; i++)
                Done[i] = 0;
            for (int i = 0; i < First.Length; i++)
                First[i] = 0;
        }
    }
}
