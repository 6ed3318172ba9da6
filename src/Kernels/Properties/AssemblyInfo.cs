using System.Reflection;

[assembly: AssemblyTitle("TinyAI.Kernels")]
[assembly: AssemblyDescription("INT8 kernels for .NET nanoFramework, bit-exact with TensorFlow Lite Micro.")]
[assembly: AssemblyCompany("TinyAI")]
[assembly: AssemblyProduct("TinyAI")]
[assembly: AssemblyCopyright("Copyright (c) TinyAI contributors")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
