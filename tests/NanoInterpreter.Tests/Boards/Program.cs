using System;
using System.Resources;
using nanoFramework.Runtime.Native;
using TinyAI.Boards;
using TinyAI.TinyRuntime;

namespace Runner
{
    /// <summary>
    /// The boards' shared code in the interpreter: rows through the pipeline, commands through the protocol, goldens, and
    /// the probe. What is said to a link is printed.
    /// </summary>
    public static class Program
    {
        private const int Channels = 6;
        private const int RowsPerPiece = 50;

        public static void Main()
        {
            try
            {
                ResourceManager resources = new ResourceManager("Boards", typeof(Program).Assembly);
                Model model = Model.Load(new ResourceSource(resources, Res.model));
                Gestures(resources, model);
                Protocol(resources, model);
                Console.WriteLine("selftest " + (new SelfTestReport(new Printed("t ")).Run(model) ? "passed" : "failed"));
                Machine machine = new Machine();
                machine.IsReal = true;
                new ProbeReport(machine, new Printed("p ")).Run();
                Console.WriteLine("done 1");
            }
            catch (Exception e)
            {
                Console.WriteLine("exception " + e.GetType().FullName + ": " + e.Message);
            }
        }

        private static void Gestures(ResourceManager resources, Model model)
        {
            byte[] head = (byte[])ResourceUtility.GetObject(resources, Res.rows, 0, 4);
            int rows = head[0] | (head[1] << 8);
            GesturePipeline pipeline = new GesturePipeline(model, new GestureSettings());
            short[] piece = new short[RowsPerPiece * Channels];
            head = null;
            Feed(resources, pipeline, piece, 0, RowsPerPiece);
            uint before = nanoFramework.Runtime.Native.GC.Run(true);
            for (int row = RowsPerPiece; row < rows; row += RowsPerPiece)
                Feed(resources, pipeline, piece, row, rows - row < RowsPerPiece ? rows - row : RowsPerPiece);
            uint after = nanoFramework.Runtime.Native.GC.Run(true);
            Console.WriteLine("kept " + ((int)before - (int)after));
            Console.WriteLine("free " + after);
        }

        private static void Feed(ResourceManager resources, GesturePipeline pipeline, short[] piece, int from, int count)
        {
            byte[] bytes = (byte[])ResourceUtility.GetObject(resources, Res.rows, 4 + 2 * Channels * from, 2 * Channels * count);
            for (int i = 0; i < Channels * count; i++)
                piece[i] = (short)(bytes[2 * i] | (bytes[2 * i + 1] << 8));
            bytes = null;
            for (int i = 0; i < count; i++)
            {
                int result = pipeline.Add(piece, i * Channels);
                if (result == GesturePipeline.None)
                    continue;
                Console.WriteLine("event " + (from + i) + " " + result + " " + pipeline.MotionRow + " " + pipeline.WindowLabel + " " + pipeline.WindowConfidence + " " + pipeline.Label);
            }
        }

        private static void Protocol(ResourceManager resources, Model model)
        {
            Machine machine = new Machine();
            DutProtocol protocol = new DutProtocol(new DutInference(model, machine), new Printed("m "), machine, false, "interpreter");
            protocol.Start();
            byte[] head = (byte[])ResourceUtility.GetObject(resources, Res.commands, 0, 4);
            int length = head[0] | (head[1] << 8);
            for (int at = 0; at < length; at += 64)
            {
                byte[] piece = (byte[])ResourceUtility.GetObject(resources, Res.commands, 4 + at, length - at < 64 ? length - at : 64);
                protocol.Receive(piece, piece.Length);
            }
        }

        /// <summary>Prints lines with a word in front of them.</summary>
        private class Printed : IByteLink
        {
            private readonly string _word;
            private string _line = "";

            public Printed(string word)
            {
                _word = word;
            }

            public int Read(byte[] buffer, int count)
            {
                return 0;
            }

            public void Write(byte[] data, int count)
            {
                char[] text = new char[count];
                for (int i = 0; i < count; i++)
                    text[i] = (char)data[i];
                _line += new string(text, 0, count);
                if (data[count - 1] != '\n')
                    return;
                Console.WriteLine(_word + _line.Substring(0, _line.Length - 2));
                _line = "";
            }
        }

        /// <summary>A board whose clock goes a millisecond on at each look; for the probe, the real clock.</summary>
        private class Machine : IDutBoard, IProbeBoard
        {
            public bool IsReal;
            private long _now;

            public string Name
            {
                get { return "interpreter"; }
            }

            public string Firmware
            {
                get { return "host"; }
            }

            public string Target
            {
                get { return "host"; }
            }

            public long Microseconds()
            {
                return IsReal ? DateTime.UtcNow.Ticks / 10 : _now += 1000;
            }

            public long FreeHeapBytes()
            {
                return nanoFramework.Runtime.Native.GC.Run(true);
            }

            public long LargestNativeBlock()
            {
                return 0;
            }

            public void Timestamp()
            {
            }

            public void Mark(int phase)
            {
            }
        }
    }
}
