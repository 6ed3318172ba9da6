using System.Reflection;

[assembly: AssemblyTitle("TinyAI.Boards.Hardware")]
[assembly: AssemblyDescription("The hardware of ESP32 boards behind the interfaces of TinyAI.Boards.")]
[assembly: AssemblyCompany("TinyAI")]
[assembly: AssemblyProduct("TinyAI")]
[assembly: AssemblyCopyright("Copyright (c) TinyAI contributors")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
