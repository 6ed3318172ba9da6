return TinyAI.ModelPacker.Commands.Cli.Run(args);
