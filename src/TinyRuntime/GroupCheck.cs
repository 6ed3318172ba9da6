namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// What <see cref="PackCheck"/> asks of layers that run row by row: every step is gone through with numbers alone. Rows
    /// come in order and each exactly once, and every byte that a step says it touches is in memory at that moment.
    /// Records, operands and constants have been checked before. Its working memory is free again before a session exists.
    /// </summary>
    internal static class GroupCheck
    {
        private const int MostRows = 0x1000000;

        /// <summary>Checks all groups among count layer records from byte at on.</summary>
        internal static void Run(IPackSource source, int at, int count)
        {
            int input = Model.ReadWord(source, PackFormat.TensorsAt);
            int held = Model.ReadWord(source, PackFormat.InputCountAt) > 0 ? Model.ReadWord(source, input + PackFormat.TensorHeldAt) : 0;
            int fed = 0;
            for (int i = 0; i < count;)
            {
                int members = 0;
                if (Model.ReadWord(source, at) == PackFormat.KindRowGroup)
                {
                    members = CheckGroup(source, at, i, count - i - 1, held > 0 ? input : 0);
                    if (Parameter(source, at, PackFormat.GroupFed) >= 0)
                        fed++;
                }
                for (int k = 0; k <= members; k++)
                    at += RecordBytes(source, at);
                i += members + 1;
            }
            if (fed != (held > 0 ? 1 : 0))
                throw new PackException(fed + " groups of layers wait for rows of the input; the tensor table asks for " + (held > 0 ? 1 : 0) + ".");
        }

        private static int CheckGroup(IPackSource source, int at, int layer, int following, int input)
        {
            if (Model.ReadWord(source, at + 4 * PackFormat.LayerParameterWords) != PackFormat.GroupParameters)
                throw new PackException("The group in layer record " + layer + " needs " + PackFormat.GroupParameters + " parameters.");
            int streams = Within(Parameter(source, at, PackFormat.GroupStreams), 0, PackFormat.MaxStreams, "stream count", layer);
            int members = Within(Parameter(source, at, PackFormat.GroupMembers), 1, PackFormat.MaxMembers, "member count", layer);
            Within(members, 1, following, "member count", layer);
            int steps = Within(Parameter(source, at, PackFormat.GroupSteps), 0, MostRows, "step count", layer);
            int fed = Within(Parameter(source, at, PackFormat.GroupFed), -1, streams - 1, "fed stream", layer);
            int streamsAt = Model.ReadWord(source, at + 4 * PackFormat.LayerWeightsAt);
            int membersAt = streamsAt + streams * 4 * PackFormat.StreamWords, stepsAt = membersAt + members * 4 * PackFormat.MemberWords;
            int bytes = Model.ReadWord(source, at + 4 * PackFormat.LayerWeightsBytes);
            if (bytes != stepsAt - streamsAt + steps * PackFormat.StepBytes)
                throw new PackException("The tables of the group in layer record " + layer + " have " + bytes + " bytes, not those of their counts.");

            int[] held = new int[streams], first = new int[streams], done = new int[members], rows = new int[members];
            for (int s = 0; s < streams; s++)
            {
                int entry = streamsAt + s * 4 * PackFormat.StreamWords;
                held[s] = Within(Model.ReadWord(source, entry + 4 * PackFormat.StreamHeld), 1, MostRows, "size of a stream", layer);
                PackCheck.CheckPlace(
                    source, Model.ReadWord(source, entry + 4 * PackFormat.StreamBlock), Model.ReadWord(source, entry + 4 * PackFormat.StreamOffset), held[s],
                    "stream " + s + " of layer record " + layer);
                Within(Model.ReadWord(source, entry + 4 * PackFormat.StreamUnit), 1, MostRows, "unit of a stream", layer);
            }
            int record = at;
            for (int m = 0; m < members; m++)
            {
                record += RecordBytes(source, record);
                int entry = membersAt + m * 4 * PackFormat.MemberWords;
                if (Model.ReadWord(source, entry + 4 * PackFormat.MemberRecord) != record - at)
                    throw new PackException("Member " + m + " of the group in layer record " + layer + " does not name its own record.");
                if (Model.ReadWord(source, record) == PackFormat.KindRowGroup)
                    throw new PackException("Member " + m + " of the group in layer record " + layer + " is a group.");
                rows[m] = Model.ReadWord(source, record + 4 * PackFormat.LayerRows);
                Within(Model.ReadWord(source, entry + 4 * PackFormat.MemberUnit), 1, MostRows, "rows of a step", layer);
                for (int k = 0; k < 4; k++)
                    CheckOperand(source, entry, record, k, streamsAt, streams, layer);
            }

            int inputRows = 0, inputBytes = 0, fedRows = 0;
            if (fed >= 0)
            {
                if (input == 0)
                    throw new PackException("The group in layer record " + layer + " waits for rows of an input that is no stream.");
                int entry = streamsAt + fed * 4 * PackFormat.StreamWords;
                if (Model.ReadWord(source, entry + 4 * PackFormat.StreamBlock) != Model.ReadWord(source, input + PackFormat.TensorBlockAt)
                    || Model.ReadWord(source, entry + 4 * PackFormat.StreamOffset) != Model.ReadWord(source, input + PackFormat.TensorOffsetAt)
                    || held[fed] != Model.ReadWord(source, input + PackFormat.TensorHeldAt))
                    throw new PackException("The fed stream of layer record " + layer + " is not the input's memory.");
                inputRows = Session.RowsOf(source, input);
                inputBytes = Model.ReadWord(source, input + PackFormat.TensorSizeAt) / inputRows;
            }

            int[] e = new int[PackFormat.MemberWords];
            for (int i = 0; i < steps; i++)
            {
                byte[] data = source.Fetch(stepsAt + i * PackFormat.StepBytes, PackFormat.StepBytes);
                int what = data[source.Start], times = data[source.Start + 1];
                if (what == PackFormat.StepFeed)
                {
                    int from = fedRows;
                    fedRows = Within(fedRows + times, from + 1, inputRows, "number of fed rows", layer);
                    Inside((long)from * inputBytes, (long)fedRows * inputBytes, first[fed], held[fed], i, layer);
                }
                else if (what >= PackFormat.StepSlide)
                {
                    int s = Within(what - PackFormat.StepSlide, 0, streams - 1, "stream of step " + i, layer);
                    long to = first[s] + (long)times * Model.ReadWord(source, streamsAt + 4 * (s * PackFormat.StreamWords + PackFormat.StreamUnit));
                    first[s] = Within(to, 0, MostRows, "slide of step " + i, layer);
                }
                else
                {
                    int m = Within(what, 0, members - 1, "member of step " + i, layer);
                    Session.LoadWords(source, membersAt + m * 4 * PackFormat.MemberWords, e, PackFormat.MemberWords);
                    int from = done[m];
                    done[m] = Within(from + (long)times * e[PackFormat.MemberUnit], from + 1, rows[m], "row of step " + i, layer);
                    for (int k = 0; k < 4; k++)
                    {
                        int s = e[PackFormat.MemberStream + k];
                        if (s < 0)
                            continue;
                        int place = e[PackFormat.MemberPlace + k], step = e[PackFormat.MemberStep + k];
                        long low = place + (long)from * step + e[PackFormat.MemberLow + k];
                        long high = place + (long)(done[m] - 1) * step + e[PackFormat.MemberHigh + k], end = (long)place + e[PackFormat.MemberBytes + k];
                        Inside(low < place ? place : low, high > end ? end : high, first[s], held[s], i, layer);
                    }
                }
            }
            for (int m = 0; m < members; m++)
                Within(done[m], rows[m], rows[m], "number of rows of member " + m, layer);
            Within(fedRows, inputRows, inputRows, "number of fed rows", layer);
            return members;
        }

        /// <summary>An operand that lies in a stream names exactly the stream's memory, wherever in the tensor it begins.</summary>
        private static void CheckOperand(IPackSource source, int entry, int record, int operand, int streamsAt, int streams, int layer)
        {
            int stream = Within(Model.ReadWord(source, entry + 4 * (PackFormat.MemberStream + operand)), -1, streams - 1, "stream of an operand", layer);
            if (stream < 0)
                return;
            for (int i = 0; i < 3; i++)
            {
                if (Model.ReadWord(source, record + 4 * (PackFormat.LayerInput + 3 * operand + i)) != Model.ReadWord(source, streamsAt + 4 * (stream * PackFormat.StreamWords + i)))
                    throw new PackException("An operand of the group in layer record " + layer + " is not the memory of stream " + stream + ".");
            }
            Within(Model.ReadWord(source, entry + 4 * (PackFormat.MemberPlace + operand)), 0, MostRows, "place of an operand", layer);
            Within(Model.ReadWord(source, entry + 4 * (PackFormat.MemberBytes + operand)), 1, MostRows, "size of an operand", layer);
        }

        private static void Inside(long low, long high, int first, int held, int step, int layer)
        {
            if (high > low && (low < first || high > (long)first + held))
                throw new PackException("Step " + step + " of the group in layer record " + layer + " touches bytes " + low + ".." + high + " of a stream that holds " + first + ".." + ((long)first + held) + ".");
        }

        private static int Parameter(IPackSource source, int at, int index)
        {
            return Model.ReadWord(source, at + 4 * (PackFormat.LayerHeaderWords + index));
        }

        private static int RecordBytes(IPackSource source, int at)
        {
            return PackCheck.RecordBytes(Model.ReadWord(source, at + 4 * PackFormat.LayerParameterWords));
        }

        private static int Within(long value, long least, long most, string name, int layer)
        {
            if (value < least || value > most)
                throw new PackException("The " + name + " in the group of layer record " + layer + " is " + value + ", outside " + least + ".." + most + ".");
            return (int)value;
        }
    }
}
