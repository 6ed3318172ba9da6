using System;
using System.Reflection;
using nanoFramework.TestFramework;
using Xunit;

namespace TinyAI.Device.Tests
{
    /// <summary>Runs every device test on the desktop.</summary>
    public class DesktopTests
    {
        public static TheoryData<string> DeviceTests
        {
            get
            {
                var tests = new TheoryData<string>();
                foreach (Type type in typeof(DesktopTests).Assembly.GetTypes())
                {
                    if (type.GetCustomAttribute<TestClassAttribute>() == null)
                        continue;
                    foreach (MethodInfo method in type.GetMethods())
                    {
                        if (method.GetCustomAttribute<TestMethodAttribute>() != null)
                            tests.Add(type.Name + "." + method.Name);
                    }
                }
                return tests;
            }
        }

        [Theory]
        [MemberData(nameof(DeviceTests))]
        public void A_device_test_passes_on_the_desktop(string test)
        {
            string[] names = test.Split('.');
            Type type = typeof(DesktopTests).Assembly.GetType("TinyAI.Device.Tests." + names[0], throwOnError: true);
            type.GetMethod(names[1]).Invoke(Activator.CreateInstance(type), BindingFlags.DoNotWrapExceptions, null, null, null);
        }
    }
}
