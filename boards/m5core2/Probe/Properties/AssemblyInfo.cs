using System.Reflection;

[assembly: AssemblyTitle("TinyAI.Probe")]
[assembly: AssemblyDescription("An application of boards/Apps.")]
[assembly: AssemblyCompany("TinyAI")]
[assembly: AssemblyProduct("TinyAI")]
[assembly: AssemblyCopyright("Copyright (c) TinyAI contributors")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
