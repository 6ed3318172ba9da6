using System.Reflection;

[assembly: AssemblyTitle("TinyAI.Boards.Screen")]
[assembly: AssemblyDescription("A display on SPI for TinyAI.Boards.")]
[assembly: AssemblyCompany("TinyAI")]
[assembly: AssemblyProduct("TinyAI")]
[assembly: AssemblyCopyright("Copyright (c) TinyAI contributors")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
