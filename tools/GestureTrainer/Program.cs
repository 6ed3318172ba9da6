using System.CommandLine;
using TinyAI.GestureTrainer;
using TinyAI.GestureTrainer.Text;

Option<DirectoryInfo> data = new("--data") { Description = "Folder of the recordings, one CSV file a gesture.", Required = true };
Option<int> seed = new("--seed") { Description = "Seed of the training.", DefaultValueFactory = _ => 1 };
Option<int> seeds = new("--seeds") { Description = "How many seeds to cross-validate with.", DefaultValueFactory = _ => 3 };

Command train = Training("train", "Train, quantise and write the model, then measure it by cross-validation.", "gesture", Commands.Train);
Command trainAttention = Training("train-attention", "The same for the network with attention, beside the one without.", "gesture-attention", Commands.TrainAttention);

Option<DirectoryInfo> textFolder = new("--out")
{
    Description = "Folder for text.weights, text.tai and results.md.",
    DefaultValueFactory = _ => new DirectoryInfo("models/text"),
};
Option<int> steps = new("--steps") { Description = "Steps of the training.", DefaultValueFactory = _ => new TextTrainingOptions().Steps };
Command trainText = new("train-text", "Train the decoder of characters on sentences of a grammar, quantise and write it.") { textFolder, seed, steps };
trainText.SetAction(parsed => Commands.Run(() => Commands.TrainText(
    parsed.GetRequiredValue(textFolder).FullName, new TextTrainingOptions { Seed = parsed.GetValue(seed), Steps = parsed.GetValue(steps) })));

Command crossValidate = new("crossvalidate", "Measure by cross-validation without writing anything.") { data, seeds };
crossValidate.SetAction(parsed => Commands.Run(() => Commands.CrossValidate(
    parsed.GetRequiredValue(data).FullName, parsed.GetValue(seeds))));

Option<FileInfo> table = new("--out")
{
    Description = "The table of the wand simulator.",
    DefaultValueFactory = _ => new FileInfo("tools/ModelPacker/Demo/WandMotion.cs"),
};
Command fit = new("simulate-fit", "Fit the wand simulator to the recordings.") { data, table };
fit.SetAction(parsed => Commands.Run(() => Commands.Fit(
    parsed.GetRequiredValue(data).FullName, parsed.GetRequiredValue(table).FullName)));

return new RootCommand("Trains the models of this repository.") { train, trainAttention, trainText, crossValidate, fit }.Parse(args).Invoke();

Command Training(string name, string description, string model, Action<string, string, int, int> run)
{
    Option<DirectoryInfo> folder = new("--out")
    {
        Description = $"Folder for {model}.tflite, {model}.json and results.md.",
        DefaultValueFactory = _ => new DirectoryInfo($"models/{model}"),
    };
    Command command = new(name, description) { data, folder, seed, seeds };
    command.SetAction(parsed => Commands.Run(() => run(
        parsed.GetRequiredValue(data).FullName, parsed.GetRequiredValue(folder).FullName, parsed.GetValue(seed), parsed.GetValue(seeds))));
    return command;
}
