using TinyAI.DeviceGate;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>Generated code as the interpreter runs it; its sources go to a folder beside this program.</summary>
internal static class CodeApplication
{
    private const string Work = """
        public static class Work
        {
            private static MODEL s_model;

            public static void Setup(byte[] blob)
            {
                s_model = new MODEL();
            }

            public static void Run()
            {
                s_model.Run();
            }
        }
        """;

    /// <summary>The application of a generated library whose model class has this full name.</summary>
    public static NanoApplication Write(GeneratedLibrary library, string modelClass)
    {
        NanoProject project = GeneratedProjects.Write(Path.Combine(AppContext.BaseDirectory, "generated", library.Name), library.Assemblies.Select(a => (a.Name, a.Files)));

        // A resource cannot be empty.
        return new NanoApplication([(Work.Replace("MODEL", modelClass, StringComparison.Ordinal), "Work.cs")], new byte[1], [project]);
    }
}
