using System.CommandLine;
using TinyAI.ModelPacker.Commands;

var root = new RootCommand("TinyAI ModelPacker: turns small INT8 models into packs for .NET nanoFramework, and runs them with the device's own code.")
{
    DemoCommand.Create(),
    InspectCommand.Create(),
    PackCommand.Create(),
    RunCommand.Create(),
    VerifyCommand.Create(),
    ClassifyCommand.Create(),
};
return root.Parse(args).Invoke();
