using System;
using System.IO;
using System.Resources;
using TinyAI.TinyRuntime;

namespace TinyAI.Apps
{
    /// <summary>Where an application finds its model: a file on the board, or else the one that it was built with.</summary>
    internal static class ModelSource
    {
        /// <summary>A pack here is taken before the application's own.</summary>
        public const string Path = "I:\\model.tai";

        /// <summary>Opens the model and says which.</summary>
        public static Model Load()
        {
            Model model;
            if (File.Exists(Path))
            {
                model = Model.Load(new FileSource(Path));
                Console.WriteLine("model " + model.Name + " from " + Path);
            }
            else
            {
                ResourceManager resources = new ResourceManager("TinyAI.Apps.Resources", typeof(ModelSource).Assembly);
                model = Model.Load(new ResourceSource(resources, Resources.model));
                Console.WriteLine("model " + model.Name + " from the application");
            }
            Console.WriteLine("a session takes " + model.SessionBytes + " bytes of heap");
            return model;
        }

        /// <summary>Binary resources in boards/Apps/Resources.resx; the values are hashes of their names.</summary>
        private enum Resources : short
        {
            /// <summary>boards/Apps/gesture.tai.</summary>
            model = -2404,
        }
    }
}
