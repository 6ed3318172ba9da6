// Declarations only, see README.md.
using System;
using System.Reflection;

namespace System.Resources
{
    public class ResourceManager
    {
        public ResourceManager(string baseName, Assembly assembly) { }
    }
}

namespace nanoFramework.Runtime.Native
{
    public static class ResourceUtility
    {
        public static object GetObject(System.Resources.ResourceManager rm, Enum id) => null;
        public static object GetObject(System.Resources.ResourceManager rm, Enum id, int offset, int length) => null;
    }
}
