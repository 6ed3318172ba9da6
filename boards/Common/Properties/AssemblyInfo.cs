using System.Reflection;

[assembly: AssemblyTitle("TinyAI.Boards")]
[assembly: AssemblyDescription("What TinyAI's board applications share: windows, votes, sensor, protocol, sleep, checks.")]
[assembly: AssemblyCompany("TinyAI")]
[assembly: AssemblyProduct("TinyAI")]
[assembly: AssemblyCopyright("Copyright (c) TinyAI contributors")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
