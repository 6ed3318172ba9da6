using System;
using System.Resources;
using TinyAI.TinyRuntime;

namespace Runner
{
    /// <summary>
    /// Runs the pack that the generated class Pack opens over the inputs in a binary resource, and prints what a
    /// desktop test wants to compare. Lines: heap and session BYTES, output HEX, ticks.
    /// </summary>
    public static class Program
    {
        public static void Main()
        {
            try
            {
                Run();
            }
            catch (Exception e)
            {
                Console.WriteLine("exception " + e.GetType().FullName + ": " + e.Message);
            }
        }

        private static void Run()
        {
            ResourceManager resources = new ResourceManager("Runner", typeof(Program).Assembly);
            byte[] count = (byte[])nanoFramework.Runtime.Native.ResourceUtility.GetObject(resources, Res.cases, 0, 4);
            int cases = count[0];
            bool keepState = count[1] != 0;
            count = null;

            // The interpreter keeps call frames that have been used once for the next call: that is not the model's memory.
            WarmUp(resources);
            uint before = nanoFramework.Runtime.Native.GC.Run(true);
            IPackSource source = Pack.Open(resources);
            Model model = Model.Load(source);
            Session session = model.CreateSession();
            // The largest slice that a run can leave behind.
            source.Fetch(0, model.Word(PackFormat.WindowBytesAt));
            uint after = nanoFramework.Runtime.Native.GC.Run(true);
            Console.WriteLine("heap " + (before - after));
            Console.WriteLine("session " + model.SessionBytes);
            Console.WriteLine("free " + after);

            int at = 4;
            for (int i = 0; i < cases; i++)
            {
                if (!keepState)
                    session.Reset();
                long start = DateTime.UtcNow.Ticks;
                if (session.IsFed)
                {
                    at = Feed(session, resources, at);
                }
                else
                {
                    for (int k = 0; k < model.InputCount; k++)
                    {
                        int size = model.Input(k).Size;
                        byte[] input = (byte[])nanoFramework.Runtime.Native.ResourceUtility.GetObject(resources, Res.cases, at, size);
                        session.WriteBytes(k, input, 0);
                        at += size;
                    }
                    start = DateTime.UtcNow.Ticks;
                    session.Run();
                }
                long ticks = DateTime.UtcNow.Ticks - start;
                for (int k = 0; k < model.OutputCount; k++)
                    Print(session, k, model.Output(k).Size);
                Console.WriteLine("ticks " + ticks);
            }
            Console.WriteLine("done " + cases);
        }

        /// <summary>Feeds one case a row at a time, as a camera would, and returns where the next begins.</summary>
        private static int Feed(Session session, ResourceManager resources, int at)
        {
            int bytes = session.FeedRowBytes;
            sbyte[] row = new sbyte[bytes];
            bool done = false;
            while (!done)
            {
                byte[] data = (byte[])nanoFramework.Runtime.Native.ResourceUtility.GetObject(resources, Res.cases, at, bytes);
                for (int i = 0; i < bytes; i++)
                    row[i] = (sbyte)data[i];
                data = null;
                done = session.Feed(row, 0, 1);
                at += bytes;
            }
            return at;
        }

        private static void WarmUp(ResourceManager resources)
        {
            IPackSource source = Pack.Open(resources);
            Session session = Model.Load(source).CreateSession();
            if (session.IsFed)
                Feed(session, resources, 4);
            else
                session.Run();
            IDisposable file = source as IDisposable;
            if (file != null)
                file.Dispose();
        }

        private static void Print(Session session, int index, int size)
        {
            byte[] output = new byte[size];
            session.ReadBytes(index, output, 0);
            string text = "output ";
            for (int i = 0; i < size; i++)
                text += ((int)output[i]).ToString("X2");
            Console.WriteLine(text);
        }
    }
}
