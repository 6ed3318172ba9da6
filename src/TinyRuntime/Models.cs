namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// The catalogue of an application's models: add each pack once at start, find it by name anywhere. The catalogue
    /// belongs to the whole application and is not meant for several threads at a time.
    /// </summary>
    public static class Models
    {
        private const int Growth = 4;

        private static Model[] s_models;
        private static int s_count;

        /// <summary>Number of models in the catalogue.</summary>
        public static int Count
        {
            get { return s_count; }
        }

        /// <summary>
        /// Loads a pack and adds the model under its name. Throws <see cref="PackException"/> where the pack is unsound
        /// or the name is taken.
        /// </summary>
        public static Model Add(IPackSource source)
        {
            Model model = Model.Load(source);
            if (Find(model.Name) != null)
                throw new PackException("A model named " + model.Name + " is in the catalogue already: pack one of them under another name.");
            if (s_models == null || s_count == s_models.Length)
            {
                Model[] larger = new Model[s_count + Growth];
                for (int i = 0; i < s_count; i++)
                    larger[i] = s_models[i];
                s_models = larger;
            }
            s_models[s_count] = model;
            s_count++;
            return model;
        }

        /// <summary>The model of this name, or null where there is none. Upper and lower case differ.</summary>
        public static Model Find(string name)
        {
            for (int i = 0; i < s_count; i++)
            {
                if (s_models[i].Name == name)
                    return s_models[i];
            }
            return null;
        }

        /// <summary>Forgets all models and releases the catalogue's memory; sessions that run keep theirs.</summary>
        public static void Clear()
        {
            s_models = null;
            s_count = 0;
        }
    }
}
