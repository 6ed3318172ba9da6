using System;
using System.Resources;

namespace Runner
{
    /// <summary>
    /// Runs the generated model that the class Generated makes over the inputs in a binary resource, and prints what a
    /// desktop test wants to compare. Lines: heap BYTES, output HEX.
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
            // The interpreter keeps call frames that have been used once for the next call: that is not the model's memory.
            new Generated().Run();
            uint before = nanoFramework.Runtime.Native.GC.Run(true);
            Generated model = new Generated();
            uint after = nanoFramework.Runtime.Native.GC.Run(true);
            Console.WriteLine("heap " + (before - after));

            int at = 0;
            for (int i = 0; i < Generated.Cases; i++)
            {
                model.Reset();
                for (int k = 0; k < Generated.Inputs; k++)
                {
                    int size = model.InputBytes(k);
                    byte[] bytes = (byte[])nanoFramework.Runtime.Native.ResourceUtility.GetObject(resources, Res.cases, at, size);
                    sbyte[] values = new sbyte[size];
                    for (int j = 0; j < size; j++)
                        values[j] = (sbyte)bytes[j];
                    model.Write(k, values);
                    at += size;
                }
                model.Run();
                for (int k = 0; k < Generated.Outputs; k++)
                    Print(model.Read(k));
            }
            Console.WriteLine("done " + Generated.Cases);
        }

        private static void Print(sbyte[] output)
        {
            string text = "output ";
            for (int i = 0; i < output.Length; i++)
                text += ((byte)output[i]).ToString("X2");
            Console.WriteLine(text);
        }
    }
}
