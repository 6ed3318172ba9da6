namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// The layer records of a model as arrays, read once when the session is created: a record costs the interpreter
    /// some 25 additions per word each time it is read from the pack. Kept where the packer has asked for it
    /// (<see cref="PackFormat.RecordsKeptAt"/>), because they take heap.
    /// </summary>
    internal class LayerRecords
    {
        /// <summary>Header words of each record.</summary>
        internal readonly int[][] Headers;
        /// <summary>Parameters of each record.</summary>
        internal readonly int[][] Parameters;

        private readonly int[] _at;
        private int _last;

        /// <summary>The records of a model, or null where they are read from the pack each time.</summary>
        internal static LayerRecords Create(Model model)
        {
            return model.Word(PackFormat.RecordsKeptAt) == 0 || model.Word(PackFormat.LayerCountAt) == 0 ? null : new LayerRecords(model);
        }

        private LayerRecords(Model model)
        {
            int count = model.Word(PackFormat.LayerCountAt), at = model.Word(PackFormat.LayersAt);
            Headers = new int[count][];
            Parameters = new int[count][];
            _at = new int[count];
            for (int i = 0; i < count; i++)
            {
                int words = model.Word(at + 4 * PackFormat.LayerParameterWords);
                Headers[i] = new int[PackFormat.LayerHeaderWords];
                Parameters[i] = new int[words];
                Session.LoadWords(model.Source, at, Headers[i], PackFormat.LayerHeaderWords);
                Session.LoadWords(model.Source, at + 4 * PackFormat.LayerHeaderWords, Parameters[i], words);
                _at[i] = at;
                at += PackCheck.RecordBytes(words);
            }
        }

        /// <summary>Index of the record that begins at byte at of the pack: mostly the one after the last that was asked for.</summary>
        internal int Find(int at)
        {
            int[] starts = _at;
            int i = _last + 1;
            if (i == starts.Length || starts[i] != at)
            {
                i = 0;
                while (starts[i] != at)
                    i++;
            }
            _last = i;
            return i;
        }
    }
}
