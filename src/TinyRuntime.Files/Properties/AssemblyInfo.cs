using System.Reflection;

[assembly: AssemblyTitle("TinyAI.TinyRuntime.Files")]
[assembly: AssemblyDescription("Reads TinyAI model packs from files on .NET nanoFramework.")]
[assembly: AssemblyCompany("TinyAI")]
[assembly: AssemblyProduct("TinyAI")]
[assembly: AssemblyCopyright("Copyright (c) TinyAI contributors")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
